# One image for every part of the platform; docker-compose.yml says which part a container is.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /app
COPY requirements.txt requirements-static.txt ./
RUN pip install --require-hashes -r requirements.txt \
    && pip install --require-hashes --no-deps -r requirements-static.txt
COPY manage.py ./
COPY nija nija
COPY apps apps
COPY trading trading
# Static files are made with the settings of production, which want a deployment: this one is not.
RUN DJANGO_SETTINGS_MODULE=nija.settings.prod ALLOWED_HOSTS=build \
    DATABASE_URL=postgresql://build/build REDIS_URL=redis://build \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    python manage.py collectstatic --noinput \
    && python -m compileall -q nija apps trading

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 nija \
    && useradd --uid 10001 --gid nija --no-create-home --home-dir /app --shell /usr/sbin/nologin nija
COPY --from=build /opt/venv /opt/venv
# Owned by root: the platform can read its code and cannot change it.
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=nija.settings.prod \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=40s --retries=3 \
    CMD ["python", "-m", "nija.healthcheck"]
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "4", "--workers-kill-timeout", "20", "--log-config", "nija/granian.json", "nija.wsgi:application"]
