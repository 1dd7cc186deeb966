// Package porting knows the templates of other tools: confd's and dockerize's.
// [Text] and [Dir] convert what can be converted mechanically, and name the rest
// with its place. [Calls] and [Spelling] tell the language what an author means
// who writes as for the other tool.
//
// Like the language, it reaches a file only through [render.Files].
package porting
