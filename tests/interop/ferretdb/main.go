// A document database that speaks MongoDB's protocol, for the tutorial of the interop suites:
// FerretDB as a library, SQLite files in a folder, on a loopback address.
//
// usage: ferretdb FOLDER ADDRESS
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: ferretdb FOLDER ADDRESS")
		os.Exit(2)
	}
	folder, address := os.Args[1], os.Args[2]
	database, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: address},
		Handler:   "sqlite",
		SQLiteURL: "file:" + folder + "/",
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	stopped, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The listener is bound when New returns; Run accepts.
	fmt.Println("the document database is ready at", database.MongoDBURI())
	if err := database.Run(stopped); err != nil && stopped.Err() == nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
