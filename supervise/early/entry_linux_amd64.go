package early

// restore is where the kernel returns to from the handler: it has to be told, here.
//
//lint:ignore U1000 called by the kernel
func restore()
