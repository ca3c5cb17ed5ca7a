# Two targets of one file: `cpu` (the default) and `cuda`. Both run as a user of their own, write only
# to /data, /models and /scratch, and hold no key: `docker build --target cuda -t samespace:cuda .`

FROM python:3.11.15-slim-bookworm AS base
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1

FROM base AS build
WORKDIR /build
RUN python -m venv /opt/venv
COPY pyproject.toml constraints.txt ./
# The dependencies alone, so that a change of the code does not install torch again.
RUN python -c "import tomllib; \
print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" \
    > requirements.txt

FROM build AS build-cpu
# PyPI's torch for Linux x86-64 brings the CUDA libraries; this index has the same versions without them.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --no-deps --index-url "$TORCH_INDEX" --constraint constraints.txt torch torchvision \
    && pip install --constraint constraints.txt --requirement requirements.txt
COPY . .
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-deps .

FROM build AS build-cuda
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --constraint constraints.txt --requirement requirements.txt
COPY . .
RUN --mount=type=cache,target=/root/.cache/pip pip install --no-deps .

FROM base AS runtime
RUN groupadd --gid 10001 samespace \
    && useradd --uid 10001 --gid samespace --no-create-home --home-dir /scratch samespace \
    && install --directory --owner samespace --group samespace /data /models /scratch
ENV SAMESPACE_DATA=/data \
    SAMESPACE_HOST=0.0.0.0 \
    HF_HOME=/models \
    SAMESPACE_MODELS=/models/samespace \
    TMPDIR=/scratch
USER 10001:10001
WORKDIR /scratch
EXPOSE 7373
# Of the API, which is what the image runs when it is told nothing else; a worker sets its own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=2m --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7373/healthz', timeout=4)"]
ENTRYPOINT ["samespace"]
CMD ["api"]

FROM runtime AS cuda
# Driver and device come from the NVIDIA container runtime, the CUDA libraries from the wheels.
ENV NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=build-cuda /opt/venv /opt/venv

FROM runtime AS cpu
COPY --from=build-cpu /opt/venv /opt/venv
