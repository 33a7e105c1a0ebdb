# syntax=docker/dockerfile:1

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The image has its Node: no install script is needed, that of the npm package `node` least of all.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.ts scripts/bundle.ts scripts/licence-texts.ts scripts/
COPY src src
COPY migrations migrations
RUN node scripts/build.ts
# Without the optional ones: one of them is a compiler, another an accelerator that its install script would build.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim
# Threads that wait nearly all the time would each have a heap of their own: 3 MB of an idle service.
ENV MALLOC_ARENA_MAX=1
ENV NODE_ENV=production \
    AMAVIS_DIGEST_HTTP_HOST=0.0.0.0
WORKDIR /opt/amavis-digest
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY bin bin
COPY packaging packaging
COPY templates templates
# The token keys, and databases where they are SQLite files, outlive the container: they are all that belongs to the
# service's user, `node` (uid and gid 1000). A config.yaml that you mount stays root's: it has to be readable for gid 1000.
RUN ln -s /opt/amavis-digest/bin/amavis-digest.js /usr/local/bin/amavis-digest \
    && install -d -o node -g node -m 700 /var/lib/amavis-digest
VOLUME /var/lib/amavis-digest
USER node
EXPOSE 8080
# It answers while a database is away, too: a restart would not bring that back. /readyz tells of databases.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.AMAVIS_DIGEST_HTTP_PORT ?? 8080}/healthz`).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node is the first process and handles SIGTERM: it finishes what is in hand.
ENTRYPOINT ["amavis-digest"]
CMD ["serve"]
