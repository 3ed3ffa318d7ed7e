// btcec as a subject of ecrecheck: docs/protocol.md. What it does wrong is in btcec.divergences.toml.
// Debian: golang-go, golang-github-btcsuite-btcd-btcec-dev. Compile, in this folder:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o bin/btcec btcec.go
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"github.com/btcsuite/btcd/btcec"
)

type question struct {
	ID         int `json:"id"`
	Digest     string
	Prehash    string
	R          string
	S          string
	RecoveryID int `json:"recovery_id"`
}

func bytes(text string) []byte {
	data, err := hex.DecodeString(text[2:])
	if err != nil {
		panic(err)
	}
	return data
}

// answer says what the library did with a question, as the member's name and its value.
func answer(asked question) (kind, words string) {
	defer func() {
		if trouble := recover(); trouble != nil {
			kind, words = "panicked", fmt.Sprint(trouble)
		}
	}()
	// The header is 27 and the recovery id, and 4 more if the address is of the compressed key.
	header := 27 + asked.RecoveryID
	if header > 255 || asked.RecoveryID >= 4 && asked.RecoveryID <= 7 {
		return "unsupported", "no header says this recovery id"
	}
	message := asked.Digest
	if message == "" {
		message = asked.Prehash
	}
	signature := append(append([]byte{byte(header)}, bytes(asked.R)...), bytes(asked.S)...)
	key, _, err := btcec.RecoverCompact(btcec.S256(), signature, bytes(message))
	if err != nil {
		return "rejected", err.Error()
	}
	return "key", "0x" + hex.EncodeToString(key.SerializeUncompressed())
}

func say(line map[string]interface{}) {
	text, err := json.Marshal(line)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func main() {
	say(map[string]interface{}{
		"ecrecheck": 1, "name": "btcec", "version": "0.0.20161101", // Debian's, of that day
		"operations": []string{"recover", "prehash"},
	})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		kind, words := answer(asked)
		say(map[string]interface{}{"id": asked.ID, kind: words})
	}
}
