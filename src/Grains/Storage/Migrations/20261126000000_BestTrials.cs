using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>The best trials over all sweeps are found without reading every row.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261126000000_BestTrials")]
internal sealed class BestTrials : Migration
{
    internal const string Index = "IX_trials_objective_sweep_id_number";

    internal static readonly string[] Columns = ["objective", "sweep_id", "number"];

    internal static readonly bool[] Descending = [true, false, false];

    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.CreateIndex(name: Index, table: "trials", columns: Columns, descending: Descending, filter: "objective IS NOT NULL");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropIndex(name: Index, table: "trials");
}
