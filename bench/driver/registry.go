package main

import "fmt"

const versionsAModel = 4

// models registers bench-model-<i> with four versions and the alias champion on version 3; items are requests.
func models(j *Job) (Outcome, error) {
	return load(j, func(c *Connection, _ int, seq int64) (int64, error) {
		i := j.First + seq
		name := fmt.Sprintf("bench-model-%05d", i)
		_, err := j.post(c, "/registered-models/create", []byte(fmt.Sprintf(
			`{"name":%q,"tags":[{"key":"team","value":"team-%d"}]}`, name, i%8)))
		for version := 1; version <= versionsAModel && err == nil; version++ {
			_, err = j.post(c, "/model-versions/create", []byte(fmt.Sprintf(
				`{"name":%q,"source":"s3://bench/%s/%d"}`, name, name, version)))
		}
		if err != nil {
			return 0, err
		}
		_, err = j.post(c, "/registered-models/alias", []byte(fmt.Sprintf(
			`{"name":%q,"alias":"champion","version":"3"}`, name)))
		return versionsAModel + 2, err
	}), nil
}
