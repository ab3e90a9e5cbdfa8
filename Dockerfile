# Stage 1 makes the environment with the script that `make setup` runs; stage 2 carries it, the code and the models.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt requirements-test.txt requirements-accurate.txt ./
COPY scripts/setup.sh scripts/setup.sh
ENV PLUMBLINE_VENV=/app/.venv
RUN scripts/setup.sh

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --create-home plumbline \
    && mkdir /data \
    && chown plumbline /data
WORKDIR /app
COPY --from=build /app/.venv /app/.venv
COPY models models
COPY data data
COPY service service
ENV PATH=/app/.venv/bin:$PATH \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PLUMBLINE_DATA_DIR=/data \
    PLUMBLINE_HOST=0.0.0.0
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["python", "-m", "service", "serve"]
