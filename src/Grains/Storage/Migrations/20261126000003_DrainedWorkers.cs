using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>Workers that get no new trial.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261126000003_DrainedWorkers")]
internal sealed class DrainedWorkers : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        name: "drained_workers",
        columns: table => new
        {
            worker_id = table.Column<string>(type: "TEXT", nullable: false),
            by = table.Column<string>(type: "TEXT", nullable: false),
            time = table.Column<string>(type: "TEXT", nullable: false),
        },
        constraints: table => table.PrimaryKey("PK_drained_workers", row => row.worker_id));

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(name: "drained_workers");
}
