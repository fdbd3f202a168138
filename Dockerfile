FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
# DEBUG only lets the build run without secrets; DATA_DIR is where the collected files stay.
RUN DEBUG=true DATA_DIR=/tmp/build STATIC_ROOT=/app/static-root python manage.py collectstatic --noinput \
    && useradd --system portal
ENV STATIC_ROOT=/app/static-root DATA_DIR=/tmp/portal
USER portal
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "96", "--blocking-threads-idle-timeout", "600", "--no-ws", "portal.wsgi:application"]
