// Package link is the source of peers: it reads the variables that
// "docker run --link" and Kubernetes put into an environment, and finds in them
// who can be reached where.
//
//	ELASTICSEARCH_PORT_9200_TCP_ADDR=10.0.0.7   a link of Docker, to alias elasticsearch
//	SEARCH_SERVICE_HOST=10.96.0.12              a service of Kubernetes, named search
//
// The names alone do not tell: REDIS_PORT is 6379 where a person set it and
// tcp://10.0.0.11:6379 where a link did, WEB_PORT_80_TCP_PORT is the port number
// of alias web or the first port of alias web-port-80-tcp. So the shape of the
// value decides which reading of a name holds; where several hold, all of their
// peers are kept and the shortest alias comes first. Families may be partial,
// because a variable of the container itself replaces the one of the link.
//
// A variable that is read as a link's is classified as such (see [Set.Class]),
// so that it can be explained, kept from programs that do not need it, and, when
// it carries the environment of another container, treated as a secret.
//
// What these variables say was true when the container started. Nothing
// updates them; a peer that moved is found by name, not here.
package link
