using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations.Postgres;

/// <summary>Who may log in, and the tokens of their programs.</summary>
[DbContext(typeof(PostgresStoreContext))]
[Migration("20261126100000_Accounts")]
internal sealed class Accounts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "users",
            columns: table => new
            {
                name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                password_hash = table.Column<string>(type: "text", nullable: false, collation: "C"),
                role = table.Column<string>(type: "text", nullable: false, collation: "C"),
                created_at = table.Column<string>(type: "text", nullable: false, collation: "C"),
                security_stamp = table.Column<string>(type: "text", nullable: false, collation: "C"),
                version = table.Column<long>(type: "bigint", nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_users", row => row.name));
        migrationBuilder.CreateTable(
            name: "api_tokens",
            columns: table => new
            {
                id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                user_name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                sha256 = table.Column<string>(type: "text", nullable: false, collation: "C"),
                prefix = table.Column<string>(type: "text", nullable: false, collation: "C"),
                role = table.Column<string>(type: "text", nullable: false, collation: "C"),
                created_at = table.Column<string>(type: "text", nullable: false, collation: "C"),
                last_used_at = table.Column<string>(type: "text", nullable: true, collation: "C"),
                expires_at = table.Column<string>(type: "text", nullable: true, collation: "C"),
                revoked_at = table.Column<string>(type: "text", nullable: true, collation: "C"),
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_api_tokens", row => row.id);
                table.ForeignKey(name: "FK_api_tokens_users_user_name", column: row => row.user_name, principalTable: "users", principalColumn: "name", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex(name: "IX_api_tokens_sha256", table: "api_tokens", column: "sha256", unique: true);
        migrationBuilder.CreateIndex(name: "IX_api_tokens_user_name", table: "api_tokens", column: "user_name");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable(name: "api_tokens");
        migrationBuilder.DropTable(name: "users");
    }
}
