// Package resolve finds the address of a peer that an image declares
// ([link:NAME]), however it is known. It looks in this order:
//
//  1. what a person said: NAME_URL, NAME_ADDR (host:port), or NAME_HOST with
//     NAME_PORT (a number), in upper case;
//  2. the variables of docker run --link;
//  3. the variables of a Kubernetes service;
//  4. the key links/NAME of the key-value store, host:port;
//  5. DNS: the SRV record of service, else the name (host, else NAME) with the
//     declared port.
//
// With a wait, the first of these that answers a connection is taken, and all
// are tried again until one does: link variables are those of the start, and a
// peer that moved since is found by its name. Without one, the first that is
// known is taken, and nothing is dialled.
//
// A peer found by DNS keeps its name as its host: the address behind it may
// change, the name stays true.
package resolve
