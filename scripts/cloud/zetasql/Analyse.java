import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.zetasql.Analyzer;
import com.google.zetasql.AnalyzerOptions;
import com.google.zetasql.LanguageOptions;
import com.google.zetasql.ParseResumeLocation;
import com.google.zetasql.SimpleCatalog;
import com.google.zetasql.SimpleColumn;
import com.google.zetasql.SimpleTable;
import com.google.zetasql.SqlException;
import com.google.zetasql.Type;
import com.google.zetasql.ZetaSQLBuiltinFunctionOptions;
import com.google.zetasql.ZetaSQLOptions.ErrorMessageMode;
import com.google.zetasql.ZetaSQLOptions.ProductMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Asks Google's analyser whether statements are legal GoogleSQL. Its one argument names a JSON file with tables
 * and statements; it prints one JSON array with an answer for each statement, in their order.
 */
public final class Analyse {
  record Column(String name, String type, String mode, List<Column> fields) {}

  record Table(String name, List<Column> columns) {}

  record Statement(String name, String sql, Map<String, String> parameters) {}

  record Question(List<Table> tables, List<Statement> statements) {}

  record Answer(String name, boolean ok, String error) {}

  /** The names that table definitions may use besides those of SQL. */
  private static final Map<String, String> OLD_NAMES =
      Map.of("INTEGER", "INT64", "FLOAT", "FLOAT64", "BOOLEAN", "BOOL", "RECORD", "STRUCT");

  private final LanguageOptions language = new LanguageOptions().enableMaximumLanguageFeatures();
  private final SimpleCatalog catalog = new SimpleCatalog("catalog");

  private Analyse(List<Table> tables) {
    language.setSupportsAllStatementKinds();
    language.setProductMode(ProductMode.PRODUCT_EXTERNAL);
    catalog.addZetaSQLFunctionsAndTypes(new ZetaSQLBuiltinFunctionOptions(language));
    tables.forEach(this::add);
  }

  public static void main(String[] arguments) throws Exception {
    String text = Files.readString(Path.of(arguments[0]));
    Question question = new Gson().fromJson(text, Question.class);
    Analyse analyse = new Analyse(question.tables());
    List<Answer> answers = question.statements().stream().map(analyse::judge).collect(Collectors.toList());
    System.out.println(new GsonBuilder().serializeNulls().create().toJson(answers));
  }

  /** BigQuery takes `a.b.c` in one pair of backticks as a path; here that is a name, so both are made known. */
  private void add(Table table) {
    List<SimpleColumn> columns = new ArrayList<>();
    for (Column column : table.columns()) {
      columns.add(new SimpleColumn(table.name(), column.name(), type(typeName(column))));
    }
    String[] path = table.name().split("\\.");
    SimpleCatalog place = catalog;
    for (int part = 0; part < path.length - 1; part++) {
      SimpleCatalog next = place.getCatalog(path[part]);
      place = next == null ? place.addNewSimpleCatalog(path[part]) : next;
    }
    SimpleTable known = new SimpleTable(path[path.length - 1], columns);
    place.addSimpleTable(known);
    if (place != catalog) catalog.addSimpleTable(table.name(), known);
  }

  private static String typeName(Column column) {
    String name = OLD_NAMES.getOrDefault(column.type().toUpperCase(), column.type());
    if (name.equals("STRUCT")) {
      name =
          column.fields().stream()
              .map(field -> field.name() + " " + typeName(field))
              .collect(Collectors.joining(", ", "STRUCT<", ">"));
    }
    return "REPEATED".equals(column.mode()) ? "ARRAY<" + name + ">" : name;
  }

  /** The analyser reads the name of a type itself. */
  private Type type(String name) {
    return Analyzer.analyzeExpression("CAST(NULL AS " + name + ")", options(), catalog).getType();
  }

  private AnalyzerOptions options() {
    AnalyzerOptions options = new AnalyzerOptions();
    options.setLanguageOptions(language);
    options.setErrorMessageMode(ErrorMessageMode.ERROR_MESSAGE_ONE_LINE);
    options.setPruneUnusedColumns(true);
    return options;
  }

  private Answer judge(Statement statement) {
    try {
      AnalyzerOptions options = options();
      if (statement.parameters() != null) {
        statement.parameters().forEach((name, type) -> options.addQueryParameter(name, type(type)));
      }
      // Several statements with `;` between them are a script; each is judged by itself.
      String sql = statement.sql().strip();
      int end = sql.getBytes(StandardCharsets.UTF_8).length;
      ParseResumeLocation place = new ParseResumeLocation(sql);
      do {
        Analyzer.analyzeNextStatement(place, options, catalog);
      } while (place.getBytePosition() < end);
      return new Answer(statement.name(), true, null);
    } catch (SqlException error) {
      return new Answer(statement.name(), false, error.getMessage());
    }
  }
}
