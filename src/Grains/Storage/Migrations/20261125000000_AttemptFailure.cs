using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>The kind of failure that ended an attempt.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261125000000_AttemptFailure")]
internal sealed class AttemptFailure : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>(name: "failure", table: "attempts", type: "TEXT", nullable: true);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.DropColumn(name: "failure", table: "attempts");
}
