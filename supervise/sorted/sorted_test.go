package sorted

import (
	"slices"
	"testing"
)

type item struct{ order, id int }

func before(a, b *item) int { return a.order - b.order }

func TestEqualsKeepTheirOrder(t *testing.T) {
	var list []*item
	for id, order := range []int{2, 1, 2, 1, 3} {
		list = Insert(list, &item{order, id}, before)
	}
	var ids []int
	for _, v := range list {
		ids = append(ids, v.id)
	}
	if want := []int{1, 3, 0, 2, 4}; !slices.Equal(ids, want) {
		t.Fatalf("order %v, want %v", ids, want)
	}
	second := list[3]
	if rest, ok := Drop(list, second, before); !ok || len(rest) != 4 || slices.Contains(rest, second) {
		t.Errorf("the second of two equals was not dropped: %v, %v", rest, ok)
	}
	if _, ok := Drop(list[:4], &item{2, 0}, before); ok {
		t.Error("an equal that is not in the list was dropped in its place")
	}
}
