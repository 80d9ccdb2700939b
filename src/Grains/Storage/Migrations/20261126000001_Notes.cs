using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>Tags and notes of sweeps (trial 0) and trials.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261126000001_Notes")]
internal sealed class Notes : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        name: "notes",
        columns: table => new
        {
            sweep_id = table.Column<string>(type: "TEXT", nullable: false),
            trial = table.Column<int>(type: "INTEGER", nullable: false),
            tags = table.Column<string>(type: "TEXT", nullable: false),
            text = table.Column<string>(type: "TEXT", nullable: false),
        },
        constraints: table =>
        {
            table.PrimaryKey("PK_notes", row => new { row.sweep_id, row.trial });
            table.ForeignKey("FK_notes_sweeps_sweep_id", row => row.sweep_id, "sweeps", "id", onDelete: ReferentialAction.Cascade);
        });

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropTable(name: "notes");
}
