import java.io.FileInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.TreeMap;

/** Prints every key and value of a properties file, in hexadecimal UTF-8, ordered by key. */
public class ReadProperties {
    public static void main(String[] args) throws Exception {
        Properties p = new Properties();
        try (FileInputStream in = new FileInputStream(args[0])) {
            p.load(in);
        }
        for (var e : new TreeMap<Object, Object>(p).entrySet()) {
            System.out.println(hex((String) e.getKey()) + " " + hex((String) e.getValue()));
        }
    }

    static String hex(String s) {
        StringBuilder b = new StringBuilder("x");
        for (byte c : s.getBytes(StandardCharsets.UTF_8)) {
            b.append(String.format("%02x", c));
        }
        return b.toString();
    }
}
