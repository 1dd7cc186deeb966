// Package kerneltest is a simulated machine in the place of kernel.Linux: processes whose
// behaviour is a Go function, pipes, sockets and files in memory, and faults on demand.
//
//	synctest.Test(t, func(t *testing.T) {
//		m := kerneltest.New(t)
//		m.Install("/bin/web", func(p *kerneltest.Process) {
//			p.Print(1, "hello\n")
//			p.Sleep(3 * time.Second)
//			p.Exit(1)
//		})
//		… run the loop on m …
//	})
//
// Inside a bubble of testing/synctest its clock is virtual: Wait comes back at once, at the
// time of the next event, and a test of minutes takes milliseconds. What happens by itself
// (a process goes on, a timer of the test is due) happens inside of Wait, on its goroutine,
// in the order of time and then of asking: the same test takes the same course every time.
//
// The machine does what Linux does, with its errors; Contract is the suite that both pass.
// What the supervisor may never do is reported to the test as it happens: a signal to a
// number that it has reaped, a descriptor that is closed twice or while it is watched, a
// loop that never waits.
package kerneltest
