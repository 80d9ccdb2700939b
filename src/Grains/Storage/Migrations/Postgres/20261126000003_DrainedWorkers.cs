using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>Workers that get no new trial.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261126000003_DrainedWorkers")]
internal sealed class DrainedWorkers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        name: "drained_workers",
        columns: table => new
        {
            worker_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
            by = table.Column<string>(type: "text", nullable: false, collation: "C"),
            time = table.Column<string>(type: "text", nullable: false, collation: "C"),
        },
        constraints: table => table.PrimaryKey("PK_drained_workers", row => row.worker_id));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(name: "drained_workers");
}
