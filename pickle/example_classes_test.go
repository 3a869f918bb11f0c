package pickle_test

import (
	"fmt"
	"time"

	"github.com/ring-go/ring/pickle"
)

type Customer struct {
	UserID int
	Name   string
	Joined time.Time
	Plan   Plan
}

type Plan string

type Weekday int

type Version struct {
	_            struct{} `pickle:",tuple"`
	Major, Minor int
}

// stored is Python's pickle of Customer(user_id=7, name="Ada", joined=None,
// plan=Plan("free")).
const stored = "\x80\x04cshop.models\nCustomer\n)\x81}(\x8c\x07user_idK\x07\x8c\x04name\x8c\x03Ada\x8c\x04plancshop.models\nPlan\n\x8c\x04free\x85Rub."

func ExampleRegister() {
	for class, value := range map[string]any{"shop.models.Customer": Customer{}, "shop.models.Plan": Plan("")} {
		if err := pickle.Register(class, value); err != nil {
			fmt.Println(err)
		}
	}
	var v any
	fmt.Println(pickle.Unmarshal([]byte(stored), &v))
	customer := v.(Customer)
	fmt.Println(customer.UserID, customer.Name, customer.Plan)

	data, err := pickle.Marshal(customer.Plan, 2) // Plan("free") to Python
	fmt.Printf("%q %v\n", data, err)
	// Output:
	// <nil>
	// 7 Ada free
	// "\x80\x02cshop.models\nPlan\nX\x04\x00\x00\x00free\x85R." <nil>
}

func ExampleRegistry() {
	var classes pickle.Registry
	fmt.Println(classes.Register("app.Version", Version{}))
	data, err := classes.Marshal(Version{Major: 1, Minor: 22}, 2)
	fmt.Printf("%q %v\n", data, err)
	var other any
	fmt.Println(pickle.NewRegistry().Unmarshal(data, &other))
	// Output:
	// <nil>
	// "\x80\x02capp\nVersion\nK\x01K\x16\x86\x81." <nil>
	// pickle: app.Version is not plain data: register a Go type for the class, or have Python store built-in types
}

func ExampleNewRegistry() {
	classes := pickle.NewRegistry()
	fmt.Println(classes.Register("app.Version", 5))
	// Output: pickle: register "app.Version": int has no name of its own: declare a type
}

func ExampleRegistry_Register() {
	classes := pickle.NewRegistry()
	err := classes.Register("calendar.Day", map[string]Weekday{"MONDAY": 0, "TUESDAY": 1})
	fmt.Println(err)
	var day Weekday
	fmt.Println(classes.Unmarshal([]byte("cbuiltins\ngetattr\nccalendar\nDay\n\x8c\x07TUESDAY\x86R."), &day), day)
	// Output:
	// <nil>
	// <nil> 1
}

func ExampleRegistry_Marshal() {
	classes := pickle.NewRegistry()
	if err := classes.Register("shop.models.Plan", Plan("")); err != nil {
		fmt.Println(err)
	}
	data, err := classes.Marshal([]Plan{"free", "paid"}, 0)
	fmt.Println(len(data), err)
	// Output: 54 <nil>
}

func ExampleRegistry_Unmarshal() {
	classes := pickle.NewRegistry()
	if err := classes.Register("shop.models.Customer", &Customer{}); err != nil {
		fmt.Println(err)
	}
	if err := classes.Register("shop.models.Plan", Plan("")); err != nil {
		fmt.Println(err)
	}
	var customers []*Customer
	err := classes.Unmarshal([]byte("\x80\x04]"+stored[2:len(stored)-1]+"a."), &customers)
	fmt.Println(err, customers[0].Name)
	// Output: <nil> Ada
}
