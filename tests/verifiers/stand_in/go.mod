module verifier

go 1.19

require github.com/ethereum/go-ethereum v0.0.0

replace github.com/ethereum/go-ethereum => ./go-ethereum
