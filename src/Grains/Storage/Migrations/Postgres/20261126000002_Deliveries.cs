using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>The outbox of the webhook.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261126000002_Deliveries")]
internal sealed class Deliveries : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "deliveries",
            columns: table => new
            {
                id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                sweep_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                notice = table.Column<string>(type: "text", nullable: false, collation: "C"),
                attempts = table.Column<int>(type: "integer", nullable: false),
                next_at = table.Column<string>(type: "text", nullable: false, collation: "C"),
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_deliveries", row => row.id);
                table.ForeignKey("FK_deliveries_sweeps_sweep_id", row => row.sweep_id, "sweeps", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex(name: "IX_deliveries_sweep_id", table: "deliveries", column: "sweep_id");
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(name: "deliveries");
}
