// The oracle: reads a ledger with Go's own transparency log and note packages, sharing no code with Teisen.
// Usage: main FOLDER < proofs; FOLDER holds the ledger, standard input a JSON object with proofs to check.
package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/ioutil"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// reader reads C2SP tiles for Go's tiles of height 8, whose paths name the height.
type reader struct{ folder string }

func (r reader) Height() int                     { return 8 }
func (r reader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, t := range tiles {
		path := strings.Replace(t.Path(), "tile/8/", "tile/", 1)
		data, err := ioutil.ReadFile(filepath.Join(r.folder, path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, i := range indexes {
		found = append(found, m[i])
	}
	return found, nil
}

type proofs struct {
	Inclusion   map[int64][]tlog.Hash
	Consistency map[int64][]tlog.Hash
}

func main() {
	folder := os.Args[1]
	vkey, err := ioutil.ReadFile(filepath.Join(folder, "vkey"))
	must(err)
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(vkey), "\n"))
	must(err)
	signed, err := ioutil.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	var size int64
	_, err = fmt.Sscanf(lines[1], "%d", &size)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	if lines[0] != verifier.Name() {
		must(fmt.Errorf("origin %q", lines[0]))
	}

	var stored memory
	var leaves []tlog.Hash
	for first := int64(0); first < size; first += 256 {
		width := size - first
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: int(width)}
		path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := ioutil.ReadFile(filepath.Join(folder, path))
		must(err)
		for i := int64(0); i < width; i++ {
			n := int64(binary.BigEndian.Uint16(data))
			entry := data[2 : 2+n]
			data = data[2+n:]
			hashes, err := tlog.StoredHashes(first+i, entry, stored)
			must(err)
			stored = append(stored, hashes...)
			leaves = append(leaves, tlog.RecordHash(entry))
		}
		if len(data) != 0 {
			must(fmt.Errorf("%s goes on", path))
		}
	}
	computed, err := tlog.TreeHash(size, stored)
	must(err)
	if computed != root {
		must(fmt.Errorf("root %v, checkpoint says %v", computed, root))
	}

	tree := tlog.Tree{N: size, Hash: root}
	tiles := tlog.TileHashReader(tree, reader{folder})
	var given proofs
	must(json.NewDecoder(os.Stdin).Decode(&given))
	for i, leaf := range leaves {
		n := int64(i)
		_, err := tlog.ProveRecord(size, n, tiles)
		must(err)
		if proof, ok := given.Inclusion[n]; ok {
			must(tlog.CheckRecord(tlog.RecordProof(proof), size, root, n, leaf))
		}
	}
	for old, proof := range given.Consistency {
		before, err := tlog.TreeHash(old, tiles)
		must(err)
		must(tlog.CheckTree(tlog.TreeProof(proof), size, root, old, before))
	}
	fmt.Printf("%d entries, %d inclusion proofs, %d consistency proofs\n", size, len(given.Inclusion), len(given.Consistency))
}
