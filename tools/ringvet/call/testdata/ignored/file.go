//ringvet:ignore call all of this file is about errors

package ignored

func whole() {
	double.Call()
	double.Call("a")
}
