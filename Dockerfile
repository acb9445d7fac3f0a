# Two targets, `agent` and `controller`; eng/image builds both. The images have no shell and no package manager.
#
# SDK_IMAGE needs the .NET SDK and a C compiler. RUNTIME_IMAGE needs glibc, libstdc++, OpenSSL, root certificates and, for
# the windows of watches, time zones: the plain chiseled image lacks these.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0-noble-aot
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled-extra

FROM ${SDK_IMAGE} AS source
WORKDIR /forkguard
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src src
# Servers of the build outlive it where a container is no more than a changed root, and keep what it holds.
ENV MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false

FROM source AS published-agent
RUN dotnet publish src/ForkGuard.Cli --configuration Release --use-current-runtime -p:PublishAot=true -p:RunAnalyzers=false \
    --output /out --nologo --verbosity quiet -tl:off

FROM source AS published-controller
RUN dotnet publish src/ForkGuard.Controller --configuration Release --use-current-runtime --self-contained \
    -p:RunAnalyzers=false -p:DebugType=none --output /out --nologo --verbosity quiet -tl:off

FROM ${RUNTIME_IMAGE} AS agent
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="forkguard-agent" \
      org.opencontainers.image.description="Reads on every node whether processes can still fork, and reports it." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="The ForkGuard authors" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /licenses/forkguard
COPY --from=published-agent /out/forkguard /usr/bin/forkguard
# Enough for the version and for one's own processes; on a node the pod asks for uid 0.
USER 65532:65532
ENTRYPOINT ["/usr/bin/forkguard"]

FROM ${RUNTIME_IMAGE} AS controller
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="forkguard-controller" \
      org.opencontainers.image.description="Evaluates the agents' reports, emits Events, and restarts pods where a watch asks for it." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="The ForkGuard authors" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY LICENSE /licenses/forkguard
COPY --from=published-controller /out /opt/forkguard
# The root file system is read-only, and there is nobody to attach a debugger.
ENV DOTNET_EnableDiagnostics=0
USER 65532:65532
ENTRYPOINT ["/opt/forkguard/forkguard-controller"]
