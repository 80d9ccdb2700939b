using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace MlTr.Grains.Storage.Migrations;

/// <summary>
/// The tables of PointTables, by hand: WITHOUT ROWID keeps a trial's curve together on disk in the order in which it is read, and
/// integer keys keep a point at a few bytes. Entity Framework can express neither the one nor the view.
/// </summary>
[DbContext(typeof(StoreContext))]
[Migration("20260101000001_Points")]
internal sealed class Points : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(
            """
            CREATE TABLE metric_names (
              name_key INTEGER PRIMARY KEY,
              name TEXT NOT NULL UNIQUE
            ) STRICT
            """);
        migrationBuilder.Sql(
            """
            CREATE TABLE metrics (
              trial_key INTEGER NOT NULL REFERENCES trials (trial_key) ON DELETE CASCADE,
              name_key INTEGER NOT NULL REFERENCES metric_names (name_key),
              step INTEGER NOT NULL,
              attempt INTEGER NOT NULL,
              value REAL,              -- NULL: not a number
              superseded_by INTEGER,   -- the attempt that started again from an earlier step; NULL: valid
              PRIMARY KEY (trial_key, name_key, step, attempt)
            ) STRICT, WITHOUT ROWID
            """);
        migrationBuilder.Sql(
            """
            CREATE TABLE log_lines (
              trial_key INTEGER NOT NULL REFERENCES trials (trial_key) ON DELETE CASCADE,
              attempt INTEGER NOT NULL,
              number INTEGER NOT NULL,
              time TEXT NOT NULL,
              level TEXT NOT NULL,
              text TEXT NOT NULL,
              PRIMARY KEY (trial_key, attempt, number)
            ) STRICT, WITHOUT ROWID
            """);
        migrationBuilder.Sql(
            """
            CREATE VIEW metric_points AS
            SELECT t.sweep_id, t.number AS trial, n.name, m.step, m.attempt, m.value, m.superseded_by
            FROM metrics m
            JOIN trials t ON t.trial_key = m.trial_key
            JOIN metric_names n ON n.name_key = m.name_key
            """);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql("DROP VIEW metric_points");
        migrationBuilder.Sql("DROP TABLE log_lines");
        migrationBuilder.Sql("DROP TABLE metrics");
        migrationBuilder.Sql("DROP TABLE metric_names");
    }
}
