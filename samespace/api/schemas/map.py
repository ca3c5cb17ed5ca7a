"""Items of a map."""

from pydantic import Field

from samespace.core.wire import Id, Model


class ItemIds(Model):
    """Items by id."""

    ids: list[Id] = Field(max_length=200)


class FoundItem(Model):
    """An item with what is shown of its document; the content hash is that of the document's original."""

    id: str
    document_id: str
    document_name: str
    modality: str
    media_type: str
    content_hash: str
    text: str | None
    page: int | None


class FoundItems(Model):
    """Items in the order they were asked for."""

    items: list[FoundItem]
