// Runs the producer that is a Java library: JavaParser with its JSON serializer.
// What to parse is in cases.json. `run` starts it with the libraries of pom.xml.
import com.github.javaparser.JavaParser;
import com.github.javaparser.ParserConfiguration;
import com.github.javaparser.Range;
import com.github.javaparser.ast.CompilationUnit;
import com.github.javaparser.ast.Node;
import com.github.javaparser.serialization.JavaParserJsonSerializer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.stream.JsonGenerator;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

public class DumpJavaParser {
    public static void main(String[] arguments) throws Exception {
        Path here = Path.of(arguments[0]).toRealPath();
        JsonObject cases;
        try (JsonReader reader = Json.createReader(Files.newBufferedReader(here.resolve("cases.json")))) {
            cases = reader.readObject();
        }
        for (JsonObject one : cases.getJsonArray("golden").getValuesAs(JsonObject.class)) {
            String producer = one.getString("producer");
            if (producer.startsWith("javaparser")) {
                Path origin = here.resolve("sources").resolve(one.getString("source"));
                Path folder = here.resolveSibling(one.getString("dialect")).resolve(one.getString("case"));
                Files.createDirectories(folder);
                Files.copy(origin, folder.resolve("source.java"), StandardCopyOption.REPLACE_EXISTING);
                Files.writeString(folder.resolve("source.java.json"), tree(Files.readString(origin), producer) + "\n");
            }
        }
    }

    private static String tree(String text, String producer) {
        ParserConfiguration configuration = new ParserConfiguration();
        configuration.setLanguageLevel(ParserConfiguration.LanguageLevel.JAVA_21);
        CompilationUnit unit = new JavaParser(configuration).parse(text).getResult().orElseThrow();
        if (producer.equals("javaparser-ranges")) {
            unit.walk(DumpJavaParser::forgetTokens);
        }
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = Json.createGenerator(json)) {
            new JavaParserJsonSerializer().serialize(unit, generator);
        }
        return json.toString();
    }

    // Tokens are most of an artifact. JavaParser forgets where a node stands together with its tokens.
    private static void forgetTokens(Node node) {
        Range range = node.getRange().orElse(null);
        node.setTokenRange(null);
        node.setRange(range);
    }
}
