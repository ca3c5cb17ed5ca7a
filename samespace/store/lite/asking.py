"""The other end of `samespace.store.lite.at_once`: a question that the embedded index answers in one call."""

from typing import Any

from samespace.store.lite.wire import (
    METHOD,
    SERVICE,
    Listed,
    Question,
    pack_question,
    unpack_answer,
)

_OPTIONS = {
    # Texts of what is shown come along.
    "grpc.max_receive_message_length": 256 * 1024 * 1024,
    # A server that was started again is noticed soon; meanwhile Milvus's protocol says what is wrong.
    "grpc.max_reconnect_backoff_ms": 1000,
}


class AtOnce:
    """A connection to the embedded index at `address`, host and port; threads may share it."""

    def __init__(self, address: str) -> None:
        import grpc

        self._channel = grpc.insecure_channel(address, list(_OPTIONS.items()))
        self._call: Any = self._channel.unary_unary(f"/{SERVICE}/{METHOD}")
        self._elsewhere = {grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNAVAILABLE}

    def ask(self, question: Question, seconds: float) -> list[Listed] | None:
        """A list for each filter; None where Milvus's protocol has to be used, which also says why. RpcError for a
        server that does not answer in time."""
        import grpc

        try:
            content = self._call(pack_question(question), timeout=seconds)
        except grpc.RpcError as error:
            if getattr(error, "code", lambda: None)() in self._elsewhere:
                return None
            raise
        return unpack_answer(content) if content else None
