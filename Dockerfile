# slipway from this source, as an image to copy from:
#
#     docker build -t slipway .
#     docker build -t slipway --build-arg GO_IMAGE=my/go --build-arg GOPROXY=off .
#
# The first stage needs Go, make and git; git tells the version. Without a network GO_IMAGE
# has to bring the modules in its module cache.
ARG GO_IMAGE=golang:1.26
FROM ${GO_IMAGE} AS build
ARG GOPROXY=https://proxy.golang.org,direct
ENV GOPROXY=${GOPROXY} GOTOOLCHAIN=local
COPY . /src
RUN make -C /src build BIN=/out/usr/local/bin

FROM scratch
COPY --from=build /out /
ENV PATH=/usr/local/bin:/usr/bin:/bin
ENTRYPOINT ["/usr/local/bin/slipway"]
