using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>Who may log in, and the tokens of their programs.</summary>
[DbContext(typeof(StoreContext))]
[Migration("20261126100000_Accounts")]
internal sealed class Accounts : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            name: "users",
            columns: table => new
            {
                name = table.Column<string>(type: "TEXT", nullable: false),
                password_hash = table.Column<string>(type: "TEXT", nullable: false),
                role = table.Column<string>(type: "TEXT", nullable: false),
                created_at = table.Column<string>(type: "TEXT", nullable: false),
                security_stamp = table.Column<string>(type: "TEXT", nullable: false),
                version = table.Column<long>(type: "INTEGER", nullable: false),
            },
            constraints: table => table.PrimaryKey("PK_users", row => row.name));
        migrationBuilder.CreateTable(
            name: "api_tokens",
            columns: table => new
            {
                id = table.Column<string>(type: "TEXT", nullable: false),
                user_name = table.Column<string>(type: "TEXT", nullable: false),
                name = table.Column<string>(type: "TEXT", nullable: false),
                sha256 = table.Column<string>(type: "TEXT", nullable: false),
                prefix = table.Column<string>(type: "TEXT", nullable: false),
                role = table.Column<string>(type: "TEXT", nullable: false),
                created_at = table.Column<string>(type: "TEXT", nullable: false),
                last_used_at = table.Column<string>(type: "TEXT", nullable: true),
                expires_at = table.Column<string>(type: "TEXT", nullable: true),
                revoked_at = table.Column<string>(type: "TEXT", nullable: true),
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
