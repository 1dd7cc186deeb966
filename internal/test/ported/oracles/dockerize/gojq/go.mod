module github.com/jwilder/gojq

go 1.26.0
