// Package value reads the values of one section by the rows of its table: each becomes what
// its field wants, and one that is wrong becomes a problem that says where and what was
// expected. What needs several sections is package decode's.
package value
