module github.com/ring-go/ring

go 1.26

require (
	github.com/mitchellh/hashstructure/v2 v2.0.2
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
