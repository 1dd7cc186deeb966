package main

import (
	"errors"
	"fmt"
)

// outcomeView is what became of one thing that a command was asked for, as JSON.
type outcomeView struct {
	Name   string `json:"name"`            // the program, the group, or what else it was done to
	Result string `json:"result"`          // the word that is printed as text, such as started, or failed
	File   string `json:"file,omitempty"`  // the file that was written or removed
	Error  string `json:"error,omitempty"` // why it has failed
}

// outcomes are printed as they come, or together as JSON.
type outcomes struct {
	a    *app
	json bool
	list []outcomeView
	errs []error
}

// outcomes begins the report of a command whose form is that of --output.
func (a *app) outcomes(output string) *outcomes {
	return &outcomes{a: a, json: output == "json", list: []outcomeView{}}
}

// done says what was done to name. The text is what people read instead, "" for NAME: RESULT.
func (o *outcomes) done(v outcomeView, text string) {
	o.list = append(o.list, v)
	if o.json {
		return
	}
	if text == "" {
		text = v.Name + ": " + v.Result
	}
	fmt.Fprintln(o.a.stdout, text)
}

// failed takes the failure of name in; nil is none.
func (o *outcomes) failed(name string, err error) {
	if err == nil {
		return
	}
	o.list = append(o.list, outcomeView{Name: name, Result: "failed", Error: o.a.redact(plainWords(err.Error()))})
	o.errs = append(o.errs, err)
}

// end prints the JSON, and returns all failures.
func (o *outcomes) end() error {
	if o.json {
		if err := writeJSON(o.a.stdout, o.list); err != nil {
			return err
		}
	}
	return errors.Join(o.errs...)
}
