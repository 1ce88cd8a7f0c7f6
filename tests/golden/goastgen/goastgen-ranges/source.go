package ranges

import "fmt"

func Each(lines []string) (count int) {
	for at, line := range lines {
		fmt.Println(at, line)
		count++
	}
	for range lines {
		count += len(lines)
	}
	return
}
