using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>Evaluations of checkpoints, and the parts that workers compute.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261125120000_Evaluations")]
internal sealed class Evaluations : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "evaluations",
            columns: table => new
            {
                id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                sweep_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                trial = table.Column<int>(type: "integer", nullable: false),
                state = table.Column<string>(type: "text", nullable: false, collation: "C"),
                reason = table.Column<string>(type: "text", nullable: false, collation: "C"),
                spec = table.Column<string>(type: "text", nullable: false, collation: "C"),
                plan = table.Column<string>(type: "text", nullable: false, collation: "C"),
                device = table.Column<string>(type: "text", nullable: true, collation: "C"),
                metrics = table.Column<string>(type: "text", nullable: false, collation: "C"),
                class_average_precision = table.Column<string>(type: "text", nullable: false, collation: "C"),
                created_by = table.Column<string>(type: "text", nullable: false, collation: "C"),
                created_at = table.Column<string>(type: "text", nullable: false, collation: "C"),
                ended_at = table.Column<string>(type: "text", nullable: true, collation: "C"),
                version = table.Column<long>(type: "bigint", nullable: false)
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_evaluations", x => x.id);
                table.ForeignKey("FK_evaluations_sweeps_sweep_id", x => x.sweep_id, "sweeps", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateTable(
            name: "evaluation_parts",
            columns: table => new
            {
                evaluation_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                number = table.Column<int>(type: "integer", nullable: false),
                state = table.Column<string>(type: "text", nullable: false, collation: "C"),
                pictures = table.Column<int>(type: "integer", nullable: false),
                epoch = table.Column<long>(type: "bigint", nullable: false),
                worker = table.Column<string>(type: "text", nullable: true, collation: "C"),
                losses = table.Column<int>(type: "integer", nullable: false),
                file = table.Column<string>(type: "text", nullable: true, collation: "C")
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_evaluation_parts", x => new { x.evaluation_id, x.number });
                table.ForeignKey("FK_evaluation_parts_evaluations_evaluation_id", x => x.evaluation_id, "evaluations", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex(name: "IX_evaluations_sweep_id_trial", table: "evaluations", columns: ["sweep_id", "trial"]);
        migrationBuilder.CreateIndex(name: "IX_evaluations_created_at", table: "evaluations", column: "created_at", filter: "ended_at IS NULL");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(name: "evaluation_parts");
        migrationBuilder.DropTable(name: "evaluations");
    }
}
