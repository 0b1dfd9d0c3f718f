# The release before, made of the image of this one, for tests that upgrade and roll back: `make image-previous`.
ARG IMAGE
FROM ${IMAGE}
USER 0:0
COPY other_release.py /opt/previous/
# The key signs nothing: production refuses to start without one, also to collect files. It ends with this command.
RUN python /opt/previous/other_release.py /opt/previous && \
    rm -r "$FLOTILLA_STATIC_ROOT" && \
    FLOTILLA_ALLOWED_HOSTS=localhost FLOTILLA_SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
    PYTHONPATH=/opt/previous flotilla collectstatic --noinput && \
    python -m compileall -q --invalidation-mode unchecked-hash /opt/previous
ENV PYTHONPATH=/opt/previous
USER 65532:65532
