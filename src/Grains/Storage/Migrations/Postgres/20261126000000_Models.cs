using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>Registered models.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261126000000_Models")]
internal sealed class Models : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        name: "models",
        columns: table => new
        {
            name = table.Column<string>(type: "text", nullable: false, collation: "C"),
            versions = table.Column<string>(type: "text", nullable: false, collation: "C"),
            history = table.Column<string>(type: "text", nullable: false, collation: "C"),
            version = table.Column<long>(type: "bigint", nullable: false),
        },
        constraints: table => table.PrimaryKey("PK_models", row => row.name));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(name: "models");
}
