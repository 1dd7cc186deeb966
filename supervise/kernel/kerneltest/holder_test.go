package kerneltest

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestHoldersOfTheMachineKeepTheContract(t *testing.T) {
	HolderContract(t, onMachine(func() Settings { return Settings{Lenient: true, Holders: true} }))
}

func TestHoldersWithDiceKeepTheContract(t *testing.T) {
	for seed := range uint64(20) {
		t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) {
			HolderContract(t, onMachine(func() Settings {
				return Settings{Lenient: true, Holders: true, Dice: rand.New(rand.NewPCG(seed, 1)).IntN}
			}))
		})
	}
}
