//go:build linux

package sink

// wantsCopy reports whether d has a second place besides its log file.
func wantsCopy(d *Destination) bool { return d.Copy != "" && d.Copy != d.Logfile }

// copy opens that second place: the container's output, or a file. It is not rotated,
// unless it is the log file of another output as well.
func (t *Targets) copy(d *Destination) Sink {
	var r Rotation
	if f := t.files[resolve(d.Copy)]; f != nil {
		r = f.rotation
	}
	return kept(t.File(d.Copy, r, false))
}
