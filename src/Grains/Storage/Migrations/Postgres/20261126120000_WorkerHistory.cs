using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>What happened to workers, and when they had work.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261126120000_WorkerHistory")]
internal sealed class WorkerHistory : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "worker_events",
            columns: table => new
            {
                number = table.Column<long>(type: "bigint", nullable: false).Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                worker_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                time = table.Column<string>(type: "text", nullable: false, collation: "C"),
                kind = table.Column<string>(type: "text", nullable: false, collation: "C"),
                reason = table.Column<string>(type: "text", nullable: false, collation: "C"),
                by = table.Column<string>(type: "text", nullable: false, collation: "C"),
            },
            constraints: table => table.PrimaryKey("PK_worker_events", row => row.number));
        migrationBuilder.CreateIndex(name: "IX_worker_events_worker_id_number", table: "worker_events", columns: ["worker_id", "number"]);
        migrationBuilder.CreateIndex(name: "IX_attempts_worker_started_at", table: "attempts", columns: ["worker", "started_at"]);
        migrationBuilder.CreateIndex(name: "IX_attempts_ended_at", table: "attempts", column: "ended_at");
        migrationBuilder.AddColumn<string>(name: "started_at", table: "evaluation_parts", type: "text", nullable: true, collation: "C");
        migrationBuilder.AddColumn<string>(name: "ended_at", table: "evaluation_parts", type: "text", nullable: true, collation: "C");
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
