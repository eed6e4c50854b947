# The image of every Masterflow process: `serve`, `worker`, `db migrate`, or `up` for all in one.
ARG PYTHON=3.12
ARG NODE=22

FROM node:${NODE}-slim AS web
WORKDIR /build/web
COPY web ./
RUN npm install --no-save --no-fund --no-audit && npm run build

FROM python:${PYTHON}-slim AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /build
# Every package is fetched by its locked hash; what is installed below comes from these files alone.
COPY requirements.lock ./
RUN pip download --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
COPY --from=web /build/src/masterflow/web ./src/masterflow/web
COPY migrations ./migrations
# /wheels has one version of each package: the locked one.
# hadolint ignore=DL3013
RUN pip install --no-cache-dir --no-index --find-links /wheels hatchling editables \
    && pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels . \
    && python -m venv /opt/masterflow \
    && /opt/masterflow/bin/pip install --no-cache-dir --no-index --find-links /wheels "masterflow[telemetry]"

FROM python:${PYTHON}-slim
RUN groupadd --system --gid 10001 masterflow \
    && useradd --system --uid 10001 --gid masterflow --home-dir /var/lib/masterflow --create-home masterflow
COPY --from=build /opt/masterflow /opt/masterflow
ENV PATH=/opt/masterflow/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MASTERFLOW_DATA_DIR=/var/lib/masterflow \
    MASTERFLOW_LOG_FORMAT=json
USER 10001:10001
WORKDIR /var/lib/masterflow
VOLUME /var/lib/masterflow
EXPOSE 8700
STOPSIGNAL SIGTERM
# A worker answers on its metrics port, everything else on the API's.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ.get('MASTERFLOW_METRICS_PORT', 8700)}/health/live\", timeout=3)"]
ENTRYPOINT ["masterflow"]
CMD ["up", "--host", "0.0.0.0"]
