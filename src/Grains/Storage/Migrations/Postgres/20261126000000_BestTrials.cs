using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Sqlite = MlTr.Grains.Storage.Migrations.BestTrials;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>The best trials over all sweeps are found without reading every row.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261126000000_BestTrials")]
internal sealed class BestTrials : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.CreateIndex(name: Sqlite.Index, table: "trials", columns: Sqlite.Columns, descending: Sqlite.Descending, filter: "objective IS NOT NULL");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropIndex(name: Sqlite.Index, table: "trials");
}
