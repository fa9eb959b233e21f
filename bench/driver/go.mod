module cellar/bench/driver

go 1.21
