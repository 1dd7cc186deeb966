// Package events holds what Supervisor's event listeners see: the types of
// events and their payloads, the pools that buffer them, and the protocol that
// a listener speaks on its standard input and output.
//
// Nothing here does I/O. The supervisor's loop raises an Event, a Pool numbers
// and buffers it, the loop writes the Envelope to a listener that is Ready, and
// feeds what the listener prints back to its Listener, which answers with
// Outcomes. Serial numbers come from one Serials value that all pools share, so
// that an event has the same serial in every pool.
//
// The interface is that of Supervisor 4.2.5 with one repair: the header's len
// counts bytes, as its documentation says, and not characters.
package events
