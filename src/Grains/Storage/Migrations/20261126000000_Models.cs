using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>Registered models.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261126000000_Models")]
internal sealed class Models : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        name: "models",
        columns: table => new
        {
            name = table.Column<string>(type: "TEXT", nullable: false),
            versions = table.Column<string>(type: "TEXT", nullable: false),
            history = table.Column<string>(type: "TEXT", nullable: false),
            version = table.Column<long>(type: "INTEGER", nullable: false),
        },
        constraints: table => table.PrimaryKey("PK_models", row => row.name));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(name: "models");
}
