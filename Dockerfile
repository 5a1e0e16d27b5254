# The hub in a container: docker build --tag ow-hub . && docker run --publish 8080:8080 --volume ow-hub:/data ow-hub -s raspberrypi
# The bundles are the same on every platform, so the machine that builds makes them, whatever the image is for.
FROM --platform=$BUILDPLATFORM node:24-slim AS build
WORKDIR /src
COPY . .
RUN npx --yes pnpm@12 install --frozen-lockfile --ignore-scripts --filter "@effect-ownet/cli..."
RUN node packages/cli/scripts/build.ts && rm packages/cli/dist/executable.cjs

FROM node:24-slim
LABEL org.opencontainers.image.title="ow hub" \
  org.opencontainers.image.description="History and page of 1-Wire sensors behind OWFS owserver" \
  org.opencontainers.image.source="https://github.com/effect-ownet/effect-ownet" \
  org.opencontainers.image.licenses="MIT"
COPY --from=build /src/packages/cli/dist /opt/ow
RUN ln -s /opt/ow/ow.cjs /usr/local/bin/ow && install -d -o node -g node -m 700 /data
# The history is in /data/hub.sqlite.
ENV STATE_DIRECTORY=/data
USER node
VOLUME /data
EXPOSE 8080
# The hub writes its history when it is told to stop.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=2m CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Arguments of docker run are those of ow hub.
ENTRYPOINT ["ow", "hub", "--listen", "0.0.0.0:8080"]
