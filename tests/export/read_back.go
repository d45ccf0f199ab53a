// What Go's archive/tar finds in a tar on standard input, one line an entry, sorted by nothing: the
// order of the archive. The form is that of tests/export/readers_test.cc.

package main

import (
	"archive/tar"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
)

func main() {
	reader := tar.NewReader(os.Stdin)
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		digest := sha256.New()
		if header.Size < 100<<20 { // the others are holes, for minutes
			if _, err := io.Copy(digest, reader); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		fmt.Printf("%c %o %d:%d %d.%09d %d %d:%d %q %q %x\n", header.Typeflag, header.Mode,
			header.Uid, header.Gid, header.ModTime.Unix(), header.ModTime.Nanosecond(), header.Size,
			header.Devmajor, header.Devminor, header.Name, header.Linkname, digest.Sum(nil))
	}
}
