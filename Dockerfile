# One image for all roles: `docker run flotilla gateway`, `… tick`, `… web`, `… run`, `… doctor`. `make image` builds it.
#
# Builds that need other base images set these arguments. Releases pass base images with digests.
ARG PYTHON_IMAGE=python:3.13-slim
ARG NODE_IMAGE=node:22-slim
# Image of the previous version. Its hashed assets are kept for pages that are still open. None by default.
ARG PREVIOUS_IMAGE=no-previous-version

FROM scratch AS no-previous-version
WORKDIR /opt/flotilla/static

FROM ${PREVIOUS_IMAGE} AS previous


# The front end does not depend on the platform, so it is built on the builder's platform.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS frontend
WORKDIR /src/frontend
ENV NPM_CONFIG_CACHE=/var/cache/npm NPM_CONFIG_USERCONFIG=/run/secrets/npmrc
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN --mount=type=cache,target=/var/cache/npm \
    --mount=type=secret,id=npmrc \
    --mount=type=secret,id=certificates \
    npm ci --no-audit --no-fund --loglevel=error
COPY app/sim/thrust.json /src/app/sim/
COPY frontend ./
RUN npm run build


# Dependencies depend only on the lock file, so that this layer changes only with them. Only wheels are allowed, because
# source archives would download build tools without hashes. pip stays outside: the base image's pip installs into it.
FROM ${PYTHON_IMAGE} AS dependencies
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_CACHE_DIR=/var/cache/pip PIP_CONFIG_FILE=/run/secrets/pip.conf
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends binutils >/dev/null
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf \
    --mount=type=secret,id=certificates \
    --mount=type=bind,source=requirements.lock,target=/src/requirements.lock \
    python -m venv --without-pip /opt/flotilla && \
    pip --python /opt/flotilla/bin/python install --quiet --no-compile --only-binary :all: --require-hashes \
        -r /src/requirements.lock
COPY scripts/prune-packages /src/scripts/
RUN /src/scripts/prune-packages /opt/flotilla/lib/python3.*/site-packages
# Hash-based bytecode is reproducible, and Python does not check it at each start.
ENV COMPILE="python -m compileall -q -j 0 --invalidation-mode unchecked-hash"
RUN $COMPILE /opt/flotilla/lib


# The product is installed from its wheel into /product. It gets a separate layer, so that a new version does not repeat the
# dependencies. Build tools are not part of the image.
FROM dependencies AS product
WORKDIR /src
RUN --mount=type=cache,target=/var/cache/pip \
    --mount=type=secret,id=pip.conf \
    --mount=type=secret,id=certificates \
    --mount=type=bind,source=requirements-dev.lock,target=/src/requirements-dev.lock \
    sed -n '/^setuptools==/,/[^\\]$/p' requirements-dev.lock > build.lock && \
    python -m venv --without-pip /opt/build && \
    pip --python /opt/build/bin/python install --quiet --only-binary :all: --require-hashes -r build.lock
COPY LICENSE README.md pyproject.toml ./
COPY app app
COPY loadtest loadtest
COPY --from=frontend /src/app/web/static/flotilla app/web/static/flotilla
# One timestamp for all files makes the wheel reproducible. It is 1980, the earliest year of the zip format.
RUN SOURCE_DATE_EPOCH=315532800 pip --python /opt/build/bin/python wheel --quiet --no-deps --no-build-isolation --no-index --wheel-dir dist . && \
    pip --python /opt/flotilla/bin/python install --quiet --no-compile --no-deps --no-index --no-warn-script-location --root /product dist/*.whl && \
    $COMPILE -s /product -p / /product
ENV STATIC=/product/opt/flotilla/static
# collectstatic needs a key in production. This one signs nothing and is discarded.
RUN PYTHONPATH="$(echo /product/opt/flotilla/lib/python3.*/site-packages)" \
    FLOTILLA_ENV=production FLOTILLA_ALLOWED_HOSTS=localhost FLOTILLA_STATIC_ROOT=$STATIC \
    FLOTILLA_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    /opt/flotilla/bin/python -BP -m app collectstatic --noinput
COPY scripts/previous_assets.py scripts/
RUN --mount=type=bind,from=previous,source=/opt/flotilla/static,target=/previous \
    python scripts/previous_assets.py /previous $STATIC


# The software bill of materials: `make sbom`.
FROM frontend AS sbom-frontend
RUN npm sbom --package-lock-only --sbom-format cyclonedx > /npm.json

FROM dependencies AS sbom-python
COPY --from=sbom-frontend /npm.json /
COPY scripts/sbom.py /src/scripts/
RUN mkdir /sbom && /opt/flotilla/bin/python /src/scripts/sbom.py write /npm.json > /sbom/flotilla.cdx.json

FROM scratch AS sbom
COPY --from=sbom-python /sbom /


FROM ${PYTHON_IMAGE} AS flotilla
COPY --from=dependencies /opt/flotilla /opt/flotilla
COPY --from=product /product /
ENV PATH=/opt/flotilla/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FLOTILLA_ENV=production \
    FLOTILLA_BIND=0.0.0.0:8000 \
    FLOTILLA_PRIVATE_BIND=0.0.0.0:9000 \
    FLOTILLA_STATIC_ROOT=/opt/flotilla/static
# A number lets platforms verify that the user is not root. Any other number works, too.
USER 65532:65532
EXPOSE 8000 9000
# No HEALTHCHECK: orchestrators probe the private port, and readiness differs between roles.
ENTRYPOINT ["flotilla"]
CMD ["run"]
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=
LABEL org.opencontainers.image.title="Flotilla" \
      org.opencontainers.image.description="A public multiplayer arena in the browser" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}"
