using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>What happened to workers, and when they had work.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261126120000_WorkerHistory")]
internal sealed class WorkerHistory : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "worker_events",
            columns: table => new
            {
                number = table.Column<long>(type: "INTEGER", nullable: false).Annotation("Sqlite:Autoincrement", true),
                worker_id = table.Column<string>(type: "TEXT", nullable: false),
                time = table.Column<string>(type: "TEXT", nullable: false),
                kind = table.Column<string>(type: "TEXT", nullable: false),
                reason = table.Column<string>(type: "TEXT", nullable: false),
                by = table.Column<string>(type: "TEXT", nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_worker_events", row => row.number));
        migrationBuilder.CreateIndex(name: "IX_worker_events_worker_id_number", table: "worker_events", columns: ["worker_id", "number"]);
        migrationBuilder.CreateIndex(name: "IX_attempts_worker_started_at", table: "attempts", columns: ["worker", "started_at"]);
        migrationBuilder.CreateIndex(name: "IX_attempts_ended_at", table: "attempts", column: "ended_at");
        migrationBuilder.AddColumn<string>(name: "started_at", table: "evaluation_parts", type: "TEXT", nullable: true);
        migrationBuilder.AddColumn<string>(name: "ended_at", table: "evaluation_parts", type: "TEXT", nullable: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(name: "worker_events");
        migrationBuilder.DropIndex(name: "IX_attempts_worker_started_at", table: "attempts");
        migrationBuilder.DropIndex(name: "IX_attempts_ended_at", table: "attempts");
        migrationBuilder.DropColumn(name: "started_at", table: "evaluation_parts");
        migrationBuilder.DropColumn(name: "ended_at", table: "evaluation_parts");
    }
}
