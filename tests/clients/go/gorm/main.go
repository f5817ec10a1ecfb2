// GORM (its first generation, which distributions package) on go-sql-driver/mysql.
// Reads MYSQL_HOST, MYSQL_PORT, MYSQL_USER, MYSQL_PASSWORD and MYSQL_DB.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jinzhu/gorm"
)

const name = "Zoë 'the \\ \"q\" 🎈'\n"

var (
	balance = "12345678901234.567890"
	photo   = []byte("\xff\x00\xfe'\\\r\n\x1a")
	seen    = time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
)

// Person is a row of a sharded table.
type Person struct {
	ID      int64 `gorm:"primary_key;auto_increment:false"`
	Name    string
	Balance *string
	Seen    *time.Time
	Photo   []byte
	Visits  *uint64
	Active  bool
	Pets    []Pet `gorm:"foreignkey:OwnerID"`
}

// TableName tells GORM the table.
func (Person) TableName() string { return "people" }

// Pet is a row of a table that is sharded alike.
type Pet struct {
	ID      int64 `gorm:"primary_key;auto_increment:false"`
	OwnerID int64
	Name    string
}

// Draft is a row of a table that the client makes itself.
type Draft struct {
	gorm.Model
	Word string `gorm:"size:20;index"`
	Size int
}

func check(ok bool, what string, details ...interface{}) {
	if !ok {
		log.Panicf("FAILED: %s: %q", what, fmt.Sprint(details...))
	}
}

func must(db *gorm.DB) *gorm.DB {
	if db.Error != nil {
		log.Panic(db.Error)
	}
	return db
}

func rows(db *gorm.DB) {
	visits := uint64(18446744073709551615)
	must(db.Create(&Person{ID: 1, Name: name, Balance: &balance, Seen: &seen, Photo: photo, Visits: &visits, Active: true}))
	for n := int64(2); n <= 30; n++ {
		amount := fmt.Sprint(n)
		must(db.Create(&Person{ID: n, Name: fmt.Sprint("n", n), Balance: &amount, Active: true}))
	}
	must(db.Create(&Pet{ID: 10, OwnerID: 1, Name: "Rex"}))
	var found Person
	must(db.Preload("Pets").First(&found, 1))
	check(found.Name == name && *found.Balance == balance && bytes.Equal(found.Photo, photo), "values", found)
	check(found.Seen.Equal(seen) && *found.Visits == visits && found.Pets[0].Name == "Rex", "values", found)
}

func questions(db *gorm.DB) {
	var count int
	must(db.Model(&Person{}).Where("id > ?", 1).Count(&count))
	check(count == 29, "COUNT", count)
	var people []Person
	must(db.Order("id").Offset(10).Limit(2).Find(&people))
	check(len(people) == 2 && people[0].ID == 11 && people[1].ID == 12, "a page", people)
	var total struct{ Sum string }
	must(db.Model(&Person{}).Where("id > ?", 1).Select("SUM(balance) AS sum").Scan(&total))
	check(total.Sum == "464.000000", "SUM", total)
	var names []string
	must(db.Model(&Person{}).Where("id IN (?)", []int{3, 17}).Order("id").Pluck("name", &names))
	check(len(names) == 2 && names[1] == "n17", "IN", names)
	var joined []struct{ Owner, Pet string }
	must(db.Table("pets").Select("people.name AS owner, pets.name AS pet").Joins("JOIN people ON people.id = pets.owner_id").Scan(&joined))
	check(len(joined) == 1 && joined[0].Owner == name, "a join", joined)
}

func transactions(db *gorm.DB) {
	back := errors.New("back")
	err := db.Transaction(func(tx *gorm.DB) error {
		must(tx.Model(&Person{}).Where("id IN (?)", []int{4, 5, 6}).Update("name", "gone"))
		return back
	})
	check(err == back, "ROLLBACK", err)
	err = db.Transaction(func(tx *gorm.DB) error {
		var person Person
		must(tx.Set("gorm:query_option", "FOR UPDATE").First(&person, 4))
		person.Name = "kept"
		return tx.Save(&person).Error
	})
	check(err == nil, "COMMIT", err)
	var names []string
	must(db.Model(&Person{}).Where("id IN (?)", []int{4, 5, 6}).Order("id").Pluck("name", &names))
	check(fmt.Sprint(names) == "[kept n5 n6]", "transactions", names)
	var told *mysql.MySQLError
	err = db.Create(&Person{ID: 1, Name: "again"}).Error
	check(errors.As(err, &told) && told.Number == 1062, "a duplicate", err)
	check(must(db.Delete(&Person{ID: 30})).RowsAffected == 1, "DELETE")
}

func schema(db *gorm.DB) {
	must(db.DropTableIfExists(&Draft{}))
	must(db.AutoMigrate(&Draft{}))
	must(db.AutoMigrate(&Draft{}))
	draft := Draft{Word: "w", Size: 3}
	must(db.Create(&draft))
	check(draft.ID > 0, "a generated id")
	must(db.Delete(&draft))
	var count int
	must(db.Model(&Draft{}).Count(&count))
	check(count == 0, "a soft delete", count)
	check(db.HasTable("people") && !db.HasTable("missing"), "HasTable")
	must(db.DropTable(&Draft{}))
}

func main() {
	log.SetFlags(0)
	db, err := gorm.Open("mysql", fmt.Sprintf("%s:%s@tcp(%s:%s)/%s?parseTime=true&charset=utf8mb4", os.Getenv("MYSQL_USER"),
		os.Getenv("MYSQL_PASSWORD"), os.Getenv("MYSQL_HOST"), os.Getenv("MYSQL_PORT"), os.Getenv("MYSQL_DB")))
	check(err == nil, "connecting", err)
	db.LogMode(false)
	rows(db)
	questions(db)
	transactions(db)
	schema(db)
	check(db.Close() == nil, "closing")
}
